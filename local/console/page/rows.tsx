import type { ComponentChildren } from "preact";
import type { RowView } from "../snapshot.ts";
import { Empty, Panel, Scroll } from "./panel.tsx";
import { timeOf } from "./words.tsx";

/** The columns behind what is shown of a row. */
const behind = {
  name: ["first_name", "last_name", "name", "user_clerk_id"],
  detail: ["email", "slug", "role"],
  state: ["is_active", "banned", "deleted_at", "deactivated_at"],
} as const;

const tones = { active: "good", banned: "bad", inactive: "wait", deleted: "bad" } as const;

interface RowsProps {
  readonly rows: readonly RowView[] | undefined;
  readonly up: boolean;
}

export function Rows({ rows, up }: RowsProps) {
  return (
    <Panel id="rows" title="Rows" note={up ? "" : "The database is down"}>
      <Scroll label="Rows, the last changed first">
        {rows?.length === 0 && <Empty>There are no rows yet.</Empty>}
        <ol>{rows?.map((row, index) => <Row key={index} {...row} />)}</ol>
      </Scroll>
    </Panel>
  );
}

function Row({ kind, id, name, detail, state, changed, at }: RowView) {
  const marked = (part: keyof typeof behind, children: ComponentChildren) =>
    changed?.some((column) => behind[part].some((one) => one === column))
      ? <mark>{children}</mark>
      : children;
  const what = changed === null ? "new" : changed.join(", ");
  return (
    <li class="item">
      <b title={id}>{marked("name", name || id)}</b>
      <span>
        <span class="kind">{kind}</span>
        <span class={`tag ${tones[state]}`}>{marked("state", state)}</span>
      </span>
      <span class="details">{marked("detail", detail || "–")}</span>
      <span class="details">
        <span class="time">{timeOf(at)}</span>
        {what !== "" && <mark title={`Changed: ${what}`}>{what}</mark>}
      </span>
    </li>
  );
}
