import { forgeAlgorithms, forgeKeys } from "./forged_signatures.ts";
import { makeOddForms, makeOddHeaders } from "./odd_forms.ts";
import { type Attempt, createTokenForge, type Target } from "./token_forge.ts";
import { makeFitTokens, makeUnfitClaims, makeUnfitHeaders } from "./unfit_tokens.ts";

/** Every attempt, by name. */
export async function createTokenAttempts(target: Target): Promise<ReadonlyMap<string, Attempt>> {
  const forge = await createTokenForge(target);
  await forgeAlgorithms(forge);
  await forgeKeys(forge);
  await makeUnfitHeaders(forge);
  await makeUnfitClaims(forge);
  await makeOddForms(forge);
  await makeOddHeaders(forge);
  await makeFitTokens(forge);
  return forge.attempts;
}
