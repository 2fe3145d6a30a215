import { Hono } from "hono";
import type { PublicJwk } from "./instance_key.ts";

/** The key set and OIDC discovery, as in Clerk's Frontend API. */
export function createDiscoveryRoutes(
  published: () => readonly PublicJwk[],
  issuerOf: (url: string) => string,
): Hono {
  const routes = new Hono();
  routes.get("/jwks.json", () => Response.json({ keys: published() }));
  routes.get("/openid-configuration", (context) => {
    const issuer = issuerOf(context.req.url);
    return Response.json({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      userinfo_endpoint: `${issuer}/oauth/userinfo`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      scopes_supported: ["openid", "profile", "email", "public_metadata", "private_metadata"],
      response_types_supported: ["code"],
      response_modes_supported: ["form_post", "query"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
      claims_supported: ["aud", "exp", "iat", "iss", "sub"],
      code_challenge_methods_supported: ["S256"],
    });
  });
  return routes;
}
