import type { Page } from "playwright-core";

/**
 * The visible texts of the page whose contrast with their ground is below 4.5 : 1 (WCAG 2.2, 1.4.3 at level AA), each with
 * its ratio. Grounds are plain colours on this page; a text on anything else is reported as well.
 */
export async function lowContrast(page: Page): Promise<readonly string[]> {
  return page.evaluate(inPage);
}

// Text, not a function: it runs in the page, whose globals the tests' types do not know.
const inPage = String.raw`(() => {
  const parts = (color) => {
    const srgb = color.match(/^color\(srgb (\S+) (\S+) (\S+)(?: \/ (\S+))?\)$/);
    if (srgb) return [srgb[1] * 255, srgb[2] * 255, srgb[3] * 255, srgb[4] === undefined ? 1 : +srgb[4]];
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return [red, green, blue, alpha];
  };
  const luminance = (color) => {
    const [red, green, blue] = parts(color).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const alpha = parts(color)[3];
      if (alpha === 1) return color;
      if (alpha > 0) return undefined;
    }
    return undefined;
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (text === "" || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const ground = groundOf(element);
    const ink = luminance(getComputedStyle(element).color);
    const paper = ground === undefined ? NaN : luminance(ground);
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (!(ratio >= 4.5)) found.push(text.slice(0, 40) + " " + ratio.toFixed(2));
  }
  return found;
})()`;
