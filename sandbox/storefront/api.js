// The shop's API, as any storefront asks it: below its own address, and again where that is safe.

const TRIES = 8;
const TOKENS = "ora.tokens";

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail || problem.title);
    Object.assign(this, problem);
  }
}

export const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
export const signedIn = () => JSON.parse(sessionStorage.getItem(TOKENS) || "null");
const keep = (tokens) => sessionStorage.setItem(TOKENS, JSON.stringify(tokens));

/** Ask the shop; `onWait(seconds)` is told when it is busy, and 0 when it answers again. */
export async function ask(method, path, { body, key, onWait = () => {} } = {}) {
  let renewed = false;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sent(method, path, body, key);
    if (answer.ok) {
      if (attempt > 1) onWait(0);
      return answer.status === 204 ? null : answer.json();
    }
    const refusal = new Refusal(await answer.json().catch(() => ({ title: answer.statusText })));
    if (answer.status === 401 && signedIn() && !renewed) {
      renewed = true;
      if (await renew()) continue;
      await comeIn();
      continue;
    }
    const isRepeatable = method !== "POST" || key || refusal.code === "overloaded";
    const isBusy = answer.status === 429 || refusal.code === "request_in_flight"
      || (answer.status === 503 && isRepeatable);
    if (!isBusy || attempt >= TRIES) throw refusal;
    await wait(Number(answer.headers.get("Retry-After")) || 2, onWait);
  }
}

/** Be somebody, so that there is a cart: a guest, who tells who they are when they buy. */
export async function comeIn() {
  sessionStorage.removeItem(TOKENS);
  const tokens = await ask("POST", "/auth/guest");
  keep(tokens);
}

/** Pay as the buyer's browser does at Razorpay: the sandbox plays the bank. */
export async function payAtSandbox(razorpayOrderId, method, outcome) {
  const body = { order_id: razorpayOrderId, method, outcome };
  const answer = await fetch("/sandbox/pay", json("POST", body));
  return answer.json();
}

async function sent(method, path, body, key) {
  const options = json(method, body);
  const tokens = signedIn();
  if (tokens) options.headers.Authorization = `Bearer ${tokens.access_token}`;
  if (key) options.headers["Idempotency-Key"] = key;
  try {
    return await fetch(`api/v1${path}`, options);
  } catch {
    return Response.json({ title: "You seem to be offline.", code: "offline" }, { status: 503 });
  }
}

async function renew() {
  const headers = { Authorization: `Bearer ${signedIn().refresh_token}` };
  const answer = await fetch("api/v1/auth/refresh", { method: "POST", headers });
  if (answer.ok) keep(await answer.json());
  return answer.ok;
}

function json(method, body) {
  const headers = { Accept: "application/json" };
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

async function wait(seconds, onWait) {
  for (let left = Math.ceil(seconds); left > 0; left -= 1) {
    onWait(left);
    await new Promise((done) => setTimeout(done, 1000));
  }
}
