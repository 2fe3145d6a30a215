import assert from "node:assert/strict";
import { readEnvironment } from "../../local/options.ts";
import { portsFrom, requireFreePorts } from "../../local/ports.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";

Deno.test("the ports follow the API's port, with the Supabase CLI's spacing", () => {
  const ports = portsFrom(54_321);
  assert.deepEqual(ports, { api: 54_321, database: 54_322, console: 54_323, clerk: 54_324 });
});

Deno.test("requireFreePorts() names a busy port, its use and what to do", () => {
  const ports = portsFrom(freePortBase());
  requireFreePorts(ports);
  for (
    const [use, port] of [["API", ports.api], ["database", ports.database], [
      "console",
      ports.console,
    ], ["Clerk", ports.clerk]] as const
  ) {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    assert.throws(
      () => requireFreePorts(ports),
      ({ message }: Error) =>
        message.startsWith(`Port ${port}, for the ${use}`) && message.includes("LOCAL_PORT_BASE="),
    );
  }
});

Deno.test("readEnvironment() says which variable is wrong", () => {
  for (const LOCAL_PORT_BASE of ["x", "80", "65533", "1.5"]) {
    assert.throws(() => readEnvironment({ LOCAL_PORT_BASE }), /LOCAL_PORT_BASE/);
  }
  assert.throws(() => readEnvironment({ LOCAL_FUNCTIONS_DENO: "latest" }), /exact version/);
  assert.throws(() => readEnvironment({ LOCAL_POSTGRES: "14" }), /LOCAL_POSTGRES.*15, 17, 18/);
  assert.equal(readEnvironment({ LOCAL_PORT_BASE: "" }).portBase, 54_321);
  assert.equal(readEnvironment({ LOCAL_DIR: "/a/../b" }).directory, "/b");
});
