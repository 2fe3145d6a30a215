import type { DeliveriesView, DeliveryView } from "../snapshot.ts";
import { Empty, Panel, Scroll } from "./panel.tsx";
import { duration, timeOf } from "./words.tsx";

const tones = { taken: "good", refused: "bad", waiting: "wait" } as const;

interface DeliveriesProps {
  readonly deliveries: DeliveriesView | undefined;
  readonly double: boolean;
}

export function Deliveries({ deliveries, double }: DeliveriesProps) {
  const { latest = [], waiting = 0, failed = 0, held = false } = deliveries ?? {};
  const note = [
    ...(waiting > 0 ? [`${waiting} ${held ? "held" : "waiting"}`] : []),
    ...(failed > 0 ? [`${failed} failed for good`] : []),
  ].join(", ");
  return (
    <Panel id="deliveries" title="Deliveries" note={note}>
      <Scroll label="Deliveries, the newest first">
        {deliveries !== undefined && latest.length === 0 && (
          <Empty>
            {double
              ? "Nothing was delivered yet. Create a user, and watch."
              : "Nothing was delivered yet. Change a user in your application or in Clerk."}
          </Empty>
        )}
        <ol>{latest.map((delivery, index) => <Delivery key={index} {...delivery} />)}</ol>
      </Scroll>
    </Panel>
  );
}

function Delivery({ id, type, attempt, status, outcome, verdict, at, lag }: DeliveryView) {
  const details = [
    timeOf(at, true),
    `attempt ${attempt}`,
    ...(status === null ? [] : [String(status)]),
    ...(lag === null ? [] : [`lag ${duration(lag)}`]),
  ];
  return (
    <li class="item">
      <b title={type}>{type}</b>
      <span>
        <span class={`tag ${tones[verdict]}`}>{outcome}</span>
      </span>
      <code title={id}>{id}</code>
      <span class="details">{details.join(" · ")}</span>
    </li>
  );
}
