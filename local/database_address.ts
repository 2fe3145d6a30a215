/** A database's address, split for the Supabase CLI. */
export type DatabaseAddress = {
  /** Without the password, because every user of the machine can read a command's arguments. */
  address: string;
  password: string | undefined;
  user: string;
  /** Host and port as written. */
  host: string;
  loopback: boolean;
};

const shape = "postgresql://USER:PASSWORD@HOST:5432/postgres (in the dashboard: Connect)";

/**
 * Parses a database's address.
 *
 * @throws Error that says what is wrong and never quotes the address.
 */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  if (/\[YOUR-PASSWORD\]|%5BYOUR-PASSWORD%5D/i.test(text)) {
    throw new Error(
      "The database's address still says [YOUR-PASSWORD]. Replace it with the database's password",
    );
  }
  if (/^https?:/i.test(text)) {
    throw new Error(`This is a web address, not the database's. Use one like ${shape}`);
  }
  if (!/^postgres(ql)?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new Error(
      `The database's address is not a URL like ${shape}. ` +
        "Percent-encode the password's special characters",
    );
  }
  const url = new URL(text);
  const user = decode(url.searchParams.get("user") ?? url.username);
  const inQuery = url.searchParams.get("password");
  const password = inQuery ?? decode(url.password);
  // delete() rewrites the whole query, so call it only if needed.
  if (inQuery !== null) url.searchParams.delete("password");
  url.password = "";
  return {
    address: url.href,
    password: password === "" ? undefined : password,
    user,
    host: url.host,
    loopback: ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(
      "The database's address has a % in its user or password that is not percent-encoded. " +
        "Write it as %25",
    );
  }
}
