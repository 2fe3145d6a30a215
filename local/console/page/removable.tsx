import type { ComponentChildren } from "preact";

interface RemovableListProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** What belongs to something, in its form. */
export function RemovableList({ title, children }: RemovableListProps) {
  return (
    <fieldset class="removables">
      <legend>{title}</legend>
      <ul>{children}</ul>
    </fieldset>
  );
}

interface RemovableProps {
  readonly name: string;
  readonly detail?: string;
  readonly removed: boolean;
  readonly onChange: (removed: boolean) => void;
  /** What else can be changed. */
  readonly children?: ComponentChildren;
}

/** One of these. It is removed when the form is saved, and until then the same button keeps it. */
export function Removable({ name, detail, removed, onChange, children }: RemovableProps) {
  return (
    <li class={removed ? "removed" : ""}>
      <span class="words" title={name}>
        {name}
        {detail !== undefined && detail !== name && <span class="details">{detail}</span>}
      </span>
      {children}
      <button
        type="button"
        class="toggle"
        aria-label={`Remove ${name}`}
        aria-pressed={removed}
        onClick={() => onChange(!removed)}
      >
        Remove
      </button>
    </li>
  );
}
