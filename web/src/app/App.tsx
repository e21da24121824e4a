import { useParameter } from "../api/address.ts";
import { useSession } from "../api/session.ts";
import { Identity } from "../identity/Identity.tsx";
import { Gate } from "./Gate.tsx";
import { Home } from "./Home.tsx";

export function App() {
  const session = useSession();
  const page = useParameter("page");
  if (session.kind !== "token") return <Gate refused={session.kind === "refused"} />;
  return page === "identity" ? <Identity key={session.token} /> : <Home key={session.token} />;
}
