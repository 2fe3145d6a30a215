const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Moves the focus in a list of buttons by arrow key. The list is one stop of the Tab key. */
export function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const now = buttons.findIndex((button) => button === document.activeElement);
  const step = steps[event.key];
  const target = event.key === "Home"
    ? buttons[0]
    : event.key === "End"
    ? buttons.at(-1)
    : step === undefined
    ? undefined
    : buttons[now + step];
  if (target === undefined || now < 0) return;
  event.preventDefault();
  target.focus();
}
