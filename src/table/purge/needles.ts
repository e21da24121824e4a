const shortestNeedle = 4;

/**
 * Whether a value is told from what stands there by chance: short texts, small numbers and days are looked for in the
 * named columns only, as whole values.
 */
export function isTelling(value: string): boolean {
  if (/^\d{4}-\d\d-\d\d/.test(value)) return false;
  return [...value].length >= (/^[-+.\d]+$/.test(value) ? 8 : shortestNeedle);
}

/** Forms in which a text stands in others: in JSON, in JSON in a text of JSON (statistics), and in paths. */
export function textForms(value: string): string[] {
  const json = jsonText(value);
  const ascii = [asciiText(json, (hex) => hex), asciiText(json, (hex) => hex.toUpperCase())];
  const forms = [value, json, ...ascii].flatMap((form) => [form, jsonText(form)]);
  return [...new Set([...forms, encodeURIComponent(value), plusText(value)])];
}

/** The bytes of these forms in UTF-8 and UTF-16, and in base64 and hex of the value itself. */
export function* needles(values: readonly string[]): Generator<Buffer> {
  for (const value of values.filter(isTelling)) {
    const utf16 = Buffer.from(value, "utf16le");
    const hex = Buffer.from(value).toString("hex");
    const all = [
      ...textForms(value).map((form) => Buffer.from(form)),
      utf16,
      Buffer.from(utf16).swap16(),
      Buffer.from(hex),
      Buffer.from(hex.toUpperCase()),
      ...[0, 1, 2].map((offset) => base64Inside(value, offset)),
    ];
    yield* all.filter((bytes) => bytes.length >= shortestNeedle);
  }
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As JSON writers do that keep to ASCII. */
function asciiText(json: string, digits: (hex: string) => string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (c) => `\\u${digits(c.charCodeAt(0).toString(16).padStart(4, "0"))}`,
  );
}

/** As forms are encoded: some writers name partition folders so. */
function plusText(value: string): string {
  return encodeURIComponent(value).replaceAll("%20", "+");
}

/** What of base64 does not depend on the bytes around: `offset` bytes stand before the value in its group of three. */
function base64Inside(value: string, offset: number): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
  const whole = bytes.length - (bytes.length % 3);
  const text = bytes.subarray(0, whole).toString("base64");
  return Buffer.from(text.slice(offset === 0 ? 0 : offset + 1));
}
