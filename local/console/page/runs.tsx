import { useState } from "preact/hooks";
import type { RunView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { Empty, Panel, Scroll } from "./panel.tsx";
import { duration, timeOf } from "./words.tsx";

interface RunsProps {
  readonly runs: readonly RunView[] | undefined;
  readonly act: Act;
}

export function Runs({ runs, act }: RunsProps) {
  const [running, setRunning] = useState(false);
  async function run(kind: "backfill" | "reconcile") {
    setRunning(true);
    await act({ action: "run", kind });
    setRunning(false);
  }
  return (
    <Panel id="runs" title="Runs">
      <div class="bar">
        <button type="button" disabled={running} onClick={() => void run("reconcile")}>
          Reconcile and repair
        </button>
        <button type="button" disabled={running} onClick={() => void run("backfill")}>
          Backfill
        </button>
      </div>
      <Scroll label="Runs, the latest first">
        {runs?.length === 0 && (
          <Empty>Nothing ran yet. Reconcile mends what differs, backfill writes everybody.</Empty>
        )}
        <ol>{runs?.map((one, index) => <Run key={index} {...one} />)}</ol>
      </Scroll>
    </Panel>
  );
}

function Run({ kind, repairs, startedAt, seconds, outcome, drift }: RunView) {
  const bad = outcome === "failed" || outcome === "drift";
  const tone = outcome === null ? "wait" : bad ? "bad" : "good";
  return (
    <li class="item">
      <b>{kind === "backfill" ? kind : `reconcile, ${kind}`}</b>
      <span>
        <span class={`tag ${tone}`}>{outcome ?? "running"}</span>
      </span>
      <span class="details">
        {[
          timeOf(startedAt),
          ...(seconds === null ? [] : [`took ${duration(seconds * 1000)}`]),
          ...(repairs && kind !== "backfill" ? ["with repair"] : []),
          ...(drift > 0 ? [`${drift} left`] : []),
        ].join(" · ")}
      </span>
    </li>
  );
}
