import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { soak, soakedStack } from "./soak.ts";

let own: OwnStack;

Deno.test.beforeAll(async () => {
  own = await startOwnStack(soakedStack);
});
Deno.test.afterAll(() => own.stop());

Deno.test("30 s of mixed traffic over 64 connections cause no unexpected error, lose no event and keep memory bounded", async () => {
  await soak(own, 30);
});
