import { useSession } from "../api/session.ts";
import { Gate } from "./Gate.tsx";
import { Home } from "./Home.tsx";

export function App() {
  const session = useSession();
  return session.kind === "token" ? (
    <Home key={session.token} />
  ) : (
    <Gate refused={session.kind === "refused"} />
  );
}
