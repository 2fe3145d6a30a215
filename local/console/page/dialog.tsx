import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Act } from "./act.tsx";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Its dialog stays open, with the answer in it, if this was not done. */
  readonly onSubmit: () => ReturnType<Act>;
  readonly children: ComponentChildren;
}

/** A form over the page. The browser keeps the focus in it, and Escape closes it. */
export function Dialog({ title, onClose, onSubmit, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  // Before the next key arrives: what is typed at once belongs into the form.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (busy) return;
          setBusy(true);
          const { done, message } = await onSubmit();
          setBusy(false);
          if (done) dialog.current?.close();
          else setProblem(message);
        }}
      >
        <h2 id="dialog-title">{title}</h2>
        {children}
        <p class="problem" role="alert">{problem}</p>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly type?: "text" | "email";
  readonly required?: boolean;
  readonly onChange: (value: string) => void;
}

export function Field({ label, type = "text", onChange, ...rest }: FieldProps) {
  const common = {
    ...rest,
    autocomplete: "off",
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      onChange(currentTarget.value),
  };
  return (
    <label class="field">
      <span>{label}</span>
      {type === "email" ? <input type="email" {...common} /> : <input type="text" {...common} />}
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly id: string; readonly text: string }[];
  readonly onChange: (id: string) => void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map(({ id, text }) => <option key={id} value={id}>{text}</option>)}
      </select>
    </label>
  );
}

interface DeedProps {
  readonly name: string;
  readonly danger?: boolean;
  readonly onPress: () => void;
}

/** A button that does something at once, beside the form, and closes the dialog. */
export function Deed({ name, danger = false, onPress }: DeedProps) {
  return (
    <button
      type="button"
      class={danger ? "danger" : ""}
      onClick={(event) => {
        onPress();
        closeDialogOf(event);
      }}
    >
      {name}
    </button>
  );
}

export function Cancel() {
  return <button type="button" class="last" onClick={closeDialogOf}>Cancel</button>;
}

/** Closes the dialog that the pressed button is in. */
function closeDialogOf({ currentTarget }: { readonly currentTarget: HTMLElement }): void {
  currentTarget.closest("dialog")?.close();
}
