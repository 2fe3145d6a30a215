/** The address of the default image that Clerk draws. */
export function defaultImageUrl(id: string, initials: string, instanceId: string): string {
  const image = { type: "default", iid: instanceId, rid: id, initials };
  return `https://img.clerk.com/${new TextEncoder().encode(JSON.stringify(image)).toBase64()}`;
}
