import { Hono } from "hono";
import { z } from "zod";
import { guardControl } from "./guard.ts";
import { NotJsonError, refuse } from "./json.ts";

/** Serves what Clerk and Svix offer only in their dashboards or not at all. It needs the secret key. */
export function createControl(secretKey: string, rooms: readonly Hono[]): Hono {
  const control = new Hono();
  control.onError((error) => {
    if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
    if (error instanceof SyntaxError) return refuse(400, "The body is not JSON");
    if (error instanceof NotJsonError) {
      return refuse(415, "The body must have content-type: application/json");
    }
    throw error;
  });
  control.use(guardControl(secretKey));
  for (const room of rooms) control.route("/", room);
  return control;
}
