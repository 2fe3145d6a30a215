/** Makes something when it is first asked for, and keeps it. After a failure the next call tries again. */
export function keepFirst<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let kept: Promise<Value> | undefined;
  return () =>
    kept ??= make().catch((error) => {
      kept = undefined;
      throw error;
    });
}
