import { OneCopyError } from "../../base/index.ts";

/** An element without its attributes, of which S3's answers have none that matter. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const longestText = 16 * 2 ** 20;
const deepest = 8;

interface Open {
  name: string;
  text: string;
  children: XmlElement[];
}

/**
 * The root element of a small document, as S3 answers with. It comes from outside: its size and depth are bounded,
 * and what S3 never sends (a document type, entities of its own) is refused with `storage.bad_answer`.
 */
export function parseXml(document: string): XmlElement {
  if (document.length > longestText) throw badAnswer(`it has more than ${longestText} characters`);
  const top: Open = { name: "", text: "", children: [] };
  const open: Open[] = [top];
  const token =
    /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w:.-]+)[^<>]*?(\/?)>|([^<]+)|</g;
  for (const [all, cdata, slash, name, empty, text] of document.matchAll(token)) {
    const current = open.at(-1)!;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += decodeEntities(text);
    else if (name === undefined) {
      if (all === "<") throw badAnswer("it has a < that begins no element");
    } else if (slash === "/") {
      if (open.length === 1 || current.name !== name) throw badAnswer(`</${name}> closes nothing`);
      open.pop();
    } else {
      const element: Open = { name, text: "", children: [] };
      current.children.push(element);
      if (empty === "/") continue;
      open.push(element);
      if (open.length > deepest + 1) throw badAnswer(`its elements are nested deeper than ${deepest}`);
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || root === undefined || top.children.length > 1)
    throw badAnswer("it is not one whole element");
  return root;
}

export function textOf(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,10})?;?/gi, (all, entity: string | undefined) => {
    const known = entity === undefined ? undefined : (named[entity] ?? characterOf(entity));
    if (known === undefined || !all.endsWith(";")) throw badAnswer("it has an entity that XML does not know");
    return known;
  });
}

function characterOf(entity: string): string | undefined {
  if (!entity.startsWith("#")) return undefined;
  const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

export function badAnswer(why: string): OneCopyError {
  return new OneCopyError("storage.bad_answer", `The object store's answer cannot be read: ${why}.`, {
    remedy:
      "See that the endpoint is that of an S3-compatible store, and that no proxy answers in its place.",
  });
}
