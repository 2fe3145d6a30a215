import type { ComponentChildren } from "preact";

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A titled part of the page. */
export function Panel({ id, title, note = "", actions, children }: PanelProps) {
  return (
    <section class={`panel ${id}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        <span class="note">{note}</span>
        {actions}
      </div>
      {children}
    </section>
  );
}

interface ScrollProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** A list that scrolls by itself, so that what arrives moves nothing around it. */
export function Scroll({ label, children }: ScrollProps) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
