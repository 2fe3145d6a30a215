import { useState } from "preact/hooks";
import type { ClerkView, DeliveriesView, StackView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { Panel } from "./panel.tsx";

interface BadDaysProps {
  readonly stack: StackView;
  readonly clerk: ClerkView | undefined;
  readonly deliveries: DeliveriesView | undefined;
  readonly act: Act;
}

/** What can be made to happen, and undone by the same button. */
export function BadDays({ stack, clerk, deliveries, act }: BadDaysProps) {
  const { double, clerkUp, databaseUp } = stack;
  const { held = false, forged = false, lost = false } = deliveries ?? {};
  return (
    <Panel id="play" title={double ? "Play" : "A bad day"}>
      <div class="groups">
        {double && (
          <>
            <Burst clerk={clerk} up={clerkUp} act={act} />
            <fieldset class="group">
              <legend>Deliveries</legend>
              <Toggle
                on={held}
                disabled={!clerkUp}
                onChange={(on) =>
                  void act(on ? { action: "hold" } : { action: "release", newest_first: false })}
              >
                Hold
              </Toggle>
              <button
                type="button"
                disabled={!clerkUp || !held}
                onClick={() => void act({ action: "release", newest_first: true })}
              >
                Release newest first
              </button>
              <button
                type="button"
                disabled={!clerkUp || held}
                onClick={() => void act({ action: "deliver_now" })}
              >
                Deliver now
              </button>
            </fieldset>
            <fieldset class="group">
              <legend>Mistakes</legend>
              <Toggle
                on={forged}
                disabled={!clerkUp}
                onChange={(on) => void act({ action: "forge", on })}
              >
                Wrong signature
              </Toggle>
              <Toggle
                on={lost}
                disabled={!clerkUp}
                onChange={(on) => void act({ action: "lose", on })}
              >
                Lose events
              </Toggle>
            </fieldset>
          </>
        )}
        <fieldset class="group">
          <legend>Outages</legend>
          {double && (
            <Toggle
              on={!clerkUp}
              onChange={(on) => void act({ action: "clerk", up: !on })}
            >
              Clerk down
            </Toggle>
          )}
          <Toggle on={!databaseUp} onChange={(on) => void act({ action: "database", up: !on })}>
            Database down
          </Toggle>
        </fieldset>
      </div>
    </Panel>
  );
}

interface ToggleProps {
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
  readonly children: string;
}

function Toggle({ on, disabled = false, onChange, children }: ToggleProps) {
  return (
    <button
      type="button"
      class="toggle"
      aria-pressed={on}
      disabled={disabled}
      onClick={() => onChange(!on)}
    >
      {children}
    </button>
  );
}

interface BurstProps {
  readonly clerk: ClerkView | undefined;
  readonly up: boolean;
  readonly act: Act;
}

function Burst({ clerk, up, act }: BurstProps) {
  const [users, setUsers] = useState(200);
  const burst = clerk?.burst;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void act({ action: "burst", users });
      }}
    >
      <fieldset class="group">
        <legend>Users come, change, go</legend>
        <input
          aria-label="Number of users"
          type="number"
          min={1}
          max={1000}
          value={users}
          onInput={({ currentTarget }) => setUsers(currentTarget.valueAsNumber || 1)}
        />
        <button type="submit" class="primary wide" disabled={!up || Boolean(burst)}>
          {burst ? `${burst.done} of ${burst.total}` : "Burst"}
        </button>
      </fieldset>
    </form>
  );
}
