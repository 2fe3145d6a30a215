/** A moment of today, to the millisecond or to the second. */
export function timeOf(at: number, precise = false): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  return precise ? `${time}.${String(at % 1000).padStart(3, "0")}` : time;
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}
