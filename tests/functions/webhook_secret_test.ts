import fc from "fast-check";
import assert from "node:assert/strict";
import { Webhook } from "svix";
import { readWebhookSecrets } from "../../supabase/functions/_shared/settings/webhook.ts";
import { readDeliveryHeaders } from "../../supabase/functions/_shared/webhook/delivery_headers.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import {
  deliveryHeaders,
  otherSigningSecret as other,
  signingSecret as secret,
} from "../support/svix/deliveries.ts";

const shortest = `whsec_${btoa("0123456789abcdef")}`;

const lists = [
  [{ CLERK_WEBHOOK_SECRET: secret }, [secret]],
  [{ CLERK_WEBHOOK_SIGNING_SECRET: secret }, [secret]],
  [{ CLERK_WEBHOOK_SECRET: `${secret} ${other}` }, [secret, other]],
  [{ CLERK_WEBHOOK_SECRET: `${secret},${other}` }, [secret, other]],
  [{ CLERK_WEBHOOK_SIGNING_SECRET: ` ${secret} , \n${other}, ` }, [secret, other]],
  [{ CLERK_WEBHOOK_SECRET: secret, CLERK_WEBHOOK_SIGNING_SECRET: other }, [secret, other]],
  [{ CLERK_WEBHOOK_SECRET: secret, CLERK_WEBHOOK_SIGNING_SECRET: secret }, [secret]],
  [{ CLERK_WEBHOOK_SECRET: " ", CLERK_WEBHOOK_SIGNING_SECRET: other }, [other]],
  [{ CLERK_WEBHOOK_SECRET: shortest }, [shortest]],
] as const;

for (const [environment, secrets] of lists) {
  Deno.test(`readWebhookSecrets() finds every secret in ${JSON.stringify(environment)}`, () => {
    assert.deepEqual(readWebhookSecrets(environment), { ok: true, value: secrets });
  });
}

Deno.test("a delivery verifies with any configured secret", () => {
  const secrets = readWebhookSecrets({ CLERK_WEBHOOK_SECRET: `${secret} ${other}` });
  assert.ok(secrets.ok);
  const verify = createSignatureVerifier(secrets.value);
  for (const signer of [secret, other]) {
    const delivery = readDeliveryHeaders(deliveryHeaders("{}", { secret: signer }));
    assert.ok(delivery.ok && verify(delivery.value, "{}"));
  }
});

const refused = [
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_",
  `whsec_${btoa("0123456789abcde")}`,
  "whsec_not base64",
  "whsec_§§§§§§§§§§§§§§§§§§§§§§§§",
  "sk_test_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  `${secret},whsec_short`,
  `"${secret}"`,
];

for (const text of refused) {
  for (const name of ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"]) {
    Deno.test(`readWebhookSecrets() refuses ${text} in ${name} and names the variable`, () => {
      const good = { CLERK_WEBHOOK_SECRET: secret, CLERK_WEBHOOK_SIGNING_SECRET: secret };
      for (const others of [{}, good]) {
        assert.deepEqual(readWebhookSecrets({ ...others, [name]: text }), {
          ok: false,
          failure: {
            code: "server_misconfigured",
            message: `${name} must be the endpoint's signing secret (whsec_…)`,
          },
        });
      }
    });
  }
}

Deno.test("readWebhookSecrets() never throws, and Svix accepts every secret it returns", () => {
  const base64Like = fc.string({
    unit: fc.constantFrom(..."AZaz09+/-_=.\n\t ,"),
    maxLength: 48,
  });
  fc.assert(
    fc.property(fc.oneof(base64Like, fc.string()), (text) => {
      const secrets = readWebhookSecrets({ CLERK_WEBHOOK_SECRET: `whsec_${text}` });
      if (secrets.ok) secrets.value.forEach((each) => new Webhook(each));
    }),
    { seed: 1, numRuns: 2000 },
  );
});
