import { useEffect, useState } from "preact/hooks";

/** Milliseconds: long enough to be read, and to be said by a screen reader before it goes. */
const shownFor = 5_000;

/** A text that goes after a few seconds, and how to show one. */
export function usePassingText(): readonly [string, (text: string) => void] {
  // An object, so that the same text again is shown as long again.
  const [shown, setShown] = useState({ text: "" });
  useEffect(() => {
    if (shown.text === "") return;
    const timer = setTimeout(() => setShown({ text: "" }), shownFor);
    return () => clearTimeout(timer);
  }, [shown]);
  return [shown.text, (text) => setShown({ text })];
}
