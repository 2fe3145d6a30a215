import type { Agreement } from "../snapshot.ts";

const words = {
  unknown: "Not compared",
  comparing: "Comparing …",
  agree: "In agreement",
  differ: "They differ",
  failed: "Cannot compare",
} as const;
const signs = { unknown: "?", comparing: "⋯", agree: "✓", differ: "≠", failed: "!" } as const;

/** Whether Clerk and the rows agree now. */
export function AgreementMark({ agreement }: { readonly agreement: Agreement | undefined }) {
  const { state, detail } = agreement ?? { state: "unknown", detail: "" };
  return (
    <div class={`mark ${state}`} role="status" aria-label="Clerk and the rows">
      <span class="sign" aria-hidden="true">{signs[state]}</span>
      <span class="words">
        <b>{words[state]}</b>
        <span>{state === "agree" ? "Every row is as in Clerk" : detail}</span>
      </span>
    </div>
  );
}
