import { render } from "preact";
import { useMemo, useState } from "preact/hooks";
import { createAct } from "./act.tsx";
import { AgreementMark } from "./agreement.tsx";
import { BadDays } from "./bad_days.tsx";
import { Clerk } from "./clerk.tsx";
import { Deliveries } from "./deliveries.tsx";
import { useLive } from "./live.tsx";
import { Plot } from "./plot.tsx";
import { Rows } from "./rows.tsx";
import { Runs } from "./runs.tsx";
import "./style.css";
import { Token } from "./token.tsx";

function App() {
  const { connected, snapshot } = useLive();
  const [message, setMessage] = useState("");
  const act = useMemo(() => createAct(setMessage), []);
  const { stack, clerk, deliveries, rows, runs, agreement } = snapshot;
  return (
    <>
      <header>
        <h1>
          Clerk <span aria-hidden="true">→</span>
          <span class="hidden">to</span> Postgres
        </h1>
        <p class="note" role="status">
          {connected || stack === undefined ? message : "The stack does not answer"}
        </p>
        {stack?.double === false && (
          <button
            type="button"
            onClick={() => void act({ action: "compare" })}
          >
            Compare now
          </button>
        )}
        <AgreementMark agreement={agreement} />
      </header>
      {stack !== undefined && (
        <main class={stack.double ? "" : "own"}>
          <BadDays stack={stack} clerk={clerk} deliveries={deliveries} act={act} />
          <Plot seconds={deliveries?.seconds} />
          {stack.double && <Clerk clerk={clerk} up={stack.clerkUp} act={act} />}
          <Deliveries deliveries={deliveries} double={stack.double} act={act} />
          <Rows rows={rows} up={stack.databaseUp} />
          <Runs runs={runs} act={act} />
          <Token stack={stack} users={clerk?.users ?? []} act={act} />
        </main>
      )}
    </>
  );
}

render(<App />, document.body);
