import { BlockList, isIP } from "node:net";
import { z } from "zod";

/** Addresses of machines: one (`192.0.2.7`), or a block (`10.0.0.0/8`, `2001:db8::/32`; RFC 4632). */
export const AddressBlock = z
  .string()
  .refine(isBlock, "must be an address or a block of them, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32");

/** Whether an address lies in one of some blocks. What is no address lies in none. */
export function addressTest(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const { address, bits } = parseBlock(block);
    list.addSubnet(address, bits, familyOf(address));
  }
  if (blocks.length === 0) return () => false;
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

/** An IPv4 address that came in over IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function isBlock(text: string): boolean {
  const { address, bits } = parseBlock(text);
  const family = isIP(address);
  return family !== 0 && Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128);
}

function parseBlock(text: string): { readonly address: string; readonly bits: number } {
  const [address = "", bits, ...more] = text.split("/");
  if (bits === undefined) return { address, bits: isIP(address) === 4 ? 32 : 128 };
  return { address, bits: more.length === 0 && /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
