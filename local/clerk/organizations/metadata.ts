import { mergeMetadata } from "../metadata.ts";
import type { OrganizationMetadataBody } from "./bodies.ts";
import type { Metadata } from "../users/document.ts";

interface Described {
  public_metadata: Metadata;
  private_metadata: Metadata;
}

/** An organization or a membership with metadata merged in. */
export function withMetadataMerged<Subject extends Described>(
  subject: Subject,
  { public_metadata: visible, private_metadata: secret }: OrganizationMetadataBody,
): Subject {
  return {
    ...subject,
    public_metadata: mergeMetadata(subject.public_metadata, visible ?? {}),
    private_metadata: mergeMetadata(subject.private_metadata, secret ?? {}),
  };
}
