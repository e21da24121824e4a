const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;

/** `1234567` as `1.2 MB` (powers of 1000). */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0 && value === 1) return "1 byte";
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
