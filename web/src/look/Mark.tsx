/** The sign of OneCopy: two waterlines, one point. */
export function Mark({ sizePx }: { readonly sizePx: number }) {
  return (
    <svg width={sizePx} height={sizePx} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" fill="#0b6577" />
      <path
        d="M5 8.4c2.3-2.2 4.7-2.2 7 0s4.7 2.2 7 0M5 15.6c2.3-2.2 4.7-2.2 7 0s4.7 2.2 7 0"
        fill="none"
        stroke="#fff"
        strokeOpacity=".55"
        strokeWidth="1.7"
        strokeLinecap="round"
      />
      <circle cx="12" cy="12" r="2.3" fill="#fff" />
    </svg>
  );
}
