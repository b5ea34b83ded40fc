// Made from schemas/*.avsc; edit those, and make it anew.

/** Something that was said. */
export interface Text {
  /** What was said. */
  text: string;
}

/** The schema of `Text` as it gets registered. */
export const textSchema = '{"type":"record","name":"Text","namespace":"org.example","doc":"Something that was said.","fields":[{"name":"text","type":"string","doc":"What was said."}]}';
