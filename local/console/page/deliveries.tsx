import type { ComponentChildren } from "preact";
import type { DeliveriesView, DeliveryView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { moveFocus } from "./move_focus.tsx";
import { Empty, Panel, Scroll } from "./panel.tsx";
import { duration, timeOf } from "./words.tsx";

const tones = { taken: "good", refused: "bad", waiting: "wait" } as const;

interface DeliveriesProps {
  readonly deliveries: DeliveriesView | undefined;
  readonly double: boolean;
  readonly act: Act;
}

export function Deliveries({ deliveries, double, act }: DeliveriesProps) {
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
        <ol onKeyDown={moveFocus}>
          {latest.map((delivery, index) => (
            <Delivery key={index} delivery={delivery}>
              {double && <Repeat delivery={delivery} isFirst={index === 0} act={act} />}
            </Delivery>
          ))}
        </ol>
      </Scroll>
    </Panel>
  );
}

interface DeliveryProps {
  readonly delivery: DeliveryView;
  readonly children: ComponentChildren;
}

function Delivery({ delivery, children }: DeliveryProps) {
  const { id, type, attempt, status, outcome, verdict, at, lag } = delivery;
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
      {children}
    </li>
  );
}

interface RepeatProps {
  readonly delivery: DeliveryView;
  readonly isFirst: boolean;
  readonly act: Act;
}

/** Has a message delivered again. One that waits comes anyway: its button keeps the focus, but does nothing. */
function Repeat({ delivery: { id, type, verdict }, isFirst, act }: RepeatProps) {
  const waits = verdict === "waiting";
  const label = `Repeat ${type} ${id}`;
  return (
    <button
      type="button"
      class="repeat"
      title="Repeat"
      aria-label={label}
      aria-disabled={waits}
      tabIndex={isFirst ? 0 : -1}
      onClick={() => {
        if (!waits) void act({ action: "resend", id });
      }}
    >
      ↻
    </button>
  );
}
