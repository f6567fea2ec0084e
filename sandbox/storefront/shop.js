// The storefront: a view for each address behind the #, drawn from templates of the page.

import { ask, comeIn, newKey, payAtSandbox, signedIn } from "./api.js";
import { drawing } from "./art.js";

const STATES = `Andaman and Nicobar Islands|Andhra Pradesh|Arunachal Pradesh|Assam|Bihar|Chandigarh|Chhattisgarh|Dadra and Nagar Haveli and Daman and Diu|Delhi|Goa|Gujarat|Haryana|Himachal Pradesh|Jammu and Kashmir|Jharkhand|Karnataka|Kerala|Ladakh|Lakshadweep|Madhya Pradesh|Maharashtra|Manipur|Meghalaya|Mizoram|Nagaland|Odisha|Puducherry|Punjab|Rajasthan|Sikkim|Tamil Nadu|Telangana|Tripura|Uttar Pradesh|Uttarakhand|West Bengal`.split("|");
const STEPS = [["pending", "Reserved"], ["confirmed", "Paid"], ["processing", "Packed"], ["shipped", "Shipped"], ["delivered", "Delivered"]];
const POLL_MS = 1500;
const main = document.getElementById("main");
const notice = document.getElementById("notice");
// What the view at hand does again and again; the next view ends it.
let timers = [];
// A checkout keeps its key until it has its order, or is another one.
let purchase = { key: newKey(), of: "" };

const rupees = ({ amount }) => new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR", minimumFractionDigits: amount % 100 ? 2 : 0 }).format(amount / 100);
const say = (text) => { notice.textContent = text; notice.hidden = !text; };
const busy = { onWait: (seconds) => say(seconds ? `The shop is busy. Trying again in ${seconds} s; your place is kept.` : "") };

function fresh(name) {
  const part = document.getElementById(`t-${name}`).content.cloneNode(true);
  part.slot = (slot) => part.querySelector(`[data-slot="${slot}"]`);
  return part;
}

function show(part, title) {
  main.replaceChildren(part);
  document.title = `${title} — ORA`;
}

function tile(element, product) {
  const picture = product.images?.[0];
  if (!picture) return element.append(drawing(product));
  const image = new Image();
  Object.assign(image, { src: picture.url.replace(/^\//, ""), alt: picture.alt });
  return element.append(image);
}

const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);

function left(element, { available, low_stock: isLow }) {
  element.textContent = available === 0 ? "Sold out" : available === 1 ? "The only one" : isLow ? `${available} left` : "In stock";
  element.classList.toggle("few", available <= 1 || isLow);
}

function sums(list, of, withTotal = true) {
  const rows = [["Pieces", of.subtotal], ["GST", of.tax], ["Delivery", of.shipping_fee]];
  if (of.discount?.amount) rows.splice(1, 0, ["Discount", of.discount]);
  list.replaceChildren(...rows.flatMap(([name, money]) => [made("dt", name), made("dd", money.amount ? rupees(money) : "free")]));
  if (withTotal) list.append(made("dt", "Total", { className: "total" }), made("dd", rupees(of.total), { className: "total" }));
}

const what = (product) => [product.metal[0].toUpperCase() + product.metal.slice(1), product.purity, product.stone].filter(Boolean).join(" · ");

function addButton(button, product) {
  if (product.available === 0) Object.assign(button, { disabled: true, textContent: "Sold out" });
  button.setAttribute("aria-label", `${button.textContent}: ${product.name}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    if (!signedIn()) await comeIn();
    const cart = await ask("GET", "/cart", busy);
    const had = cart.lines.find((line) => line.sku === product.sku)?.quantity ?? 0;
    await put(product.sku, had + 1, product.name);
    button.disabled = false;
  });
}

async function put(sku, quantity, name) {
  try {
    const cart = await ask("PUT", `/cart/items/${sku}`, { body: { quantity }, ...busy });
    count(cart);
    const line = cart.lines.find((one) => one.sku === sku);
    say(line?.is_short ? `There ${line.available === 1 ? "is" : "are"} only ${line.available} of ${name}.` : `${name} is in your cart.`);
    return cart;
  } catch (refusal) {
    say(refusal.message);
    return null;
  }
}

const count = (cart) => { document.getElementById("count").textContent = cart.lines.reduce((sum, line) => sum + line.quantity, 0); };

async function list(category = "") {
  const part = fresh("list");
  const known = [...document.querySelectorAll("#categories a")].find((a) => a.hash === `#/c/${category}`);
  part.querySelector("h1").textContent = category && known ? known.textContent : "One piece, one owner";
  const [grid, more] = [part.slot("items"), part.slot("more")];
  let cursor = null;
  const next = async () => {
    const query = new URLSearchParams({ limit: 24, ...(category && { category }), ...(cursor && { cursor }) });
    const page = await ask("GET", `/products?${query}`, busy);
    for (const product of page.items) grid.append(card(product));
    cursor = page.next_cursor;
    more.hidden = !cursor;
  };
  more.addEventListener("click", next);
  await next();
  show(part, category || "Jewellery");
}

function card(product) {
  const part = fresh("card");
  const link = part.querySelector("a");
  link.href = `#/p/${product.slug}`;
  tile(part.querySelector(".tile"), product);
  part.querySelector("h2").textContent = product.name;
  part.querySelector(".what").textContent = `${product.metal[0].toUpperCase()}${product.metal.slice(1)} · ${product.purity}`;
  part.querySelector(".price").textContent = rupees(product.price);
  left(part.querySelector(".left"), product);
  addButton(part.querySelector("button"), product);
  return part;
}

async function piece(slug) {
  const product = await ask("GET", `/products/${slug}`, busy);
  const part = fresh("piece");
  tile(part.querySelector(".tile"), product);
  part.querySelector("h1").textContent = product.name;
  part.querySelector(".what").textContent = what(product);
  part.querySelector(".price").textContent = `${rupees(product.price)} before GST`;
  part.querySelector(".words").textContent = product.description;
  const facts = [["Weight", `${(product.gross_weight_mg / 1000).toFixed(2)} g`], ["Hallmark", product.huid], ["Article", product.sku]];
  part.querySelector("dl").append(...facts.filter(([, fact]) => fact).flatMap(([name, fact]) => [made("dt", name), made("dd", fact)]));
  left(part.querySelector(".left"), product);
  addButton(part.querySelector("button"), product);
  show(part, product.name);
}

async function cart() {
  const found = signedIn() ? await ask("GET", "/cart", busy) : { lines: [] };
  count(found);
  if (!found.lines.length) return empty("Your cart is empty", "There is nothing in it yet.");
  const part = fresh("cart");
  for (const line of found.lines) part.slot("lines").append(lineOf(line));
  sums(part.slot("sums"), found);
  return show(part, "Cart");
}

function lineOf(line) {
  const part = fresh("line");
  ask("GET", `/products/${line.slug}`).then((product) => tile(element, product)).catch(() => {});
  const element = part.querySelector(".tile");
  part.querySelector("h2").textContent = line.name;
  part.querySelector(".what").textContent = `${rupees(line.unit_price)} each`;
  part.querySelector("output").textContent = line.quantity;
  part.querySelector(".price").textContent = rupees(line.total);
  const short = part.querySelector(".short");
  short.hidden = !line.is_short;
  short.textContent = line.available ? `Only ${line.available} left.` : "Sold out: somebody else has it.";
  for (const button of part.querySelectorAll("button")) {
    const quantity = line.quantity + Number(button.dataset.by);
    button.setAttribute("aria-label", `${button.dataset.by > 0 ? "One more" : "One fewer"}: ${line.name}`);
    button.addEventListener("click", async () => {
      if (quantity) await put(line.sku, quantity, line.name);
      else await ask("DELETE", `/cart/items/${line.sku}`, busy);
      await cart();
    });
  }
  return part;
}

function empty(title, words) {
  const part = fresh("list");
  part.querySelector(".hero").replaceChildren(made("h1", title), made("p", words, { className: "lead" }), made("p", "", {}));
  part.querySelector(".hero p:last-child").append(made("a", "See the pieces", { href: "#/", className: "button strong" }));
  show(part, title);
}

async function checkout() {
  const found = signedIn() ? await ask("GET", "/cart", busy) : { lines: [] };
  if (!found.lines.length) return empty("Your cart is empty", "There is nothing to check out.");
  const part = fresh("checkout");
  part.querySelector("select").append(new Option("", ""), ...STATES.map((state) => new Option(state, state)));
  sums(part.slot("sums"), found);
  const form = part.getElementById("checkout");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    buy(form, found).catch((refusal) => refused(form, refusal));
  });
  return show(part, "Check out");
}

async function buy(form, found) {
  const { name, email, phone, line1, city, pincode, state, pan } = Object.fromEntries(new FormData(form));
  clear(form);
  const body = {
    contact: { name, email, phone }, shipping_address: { name, phone, line1, city, pincode, state },
    expected_total: found.total, ...(pan && { pan }),
  };
  const of = JSON.stringify([body, found.lines]);
  if (purchase.of !== of) purchase = { key: newKey(), of };
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const order = await ask("POST", "/checkout", { body, key: purchase.key, ...busy });
    purchase = { key: newKey(), of: "" };
    location.hash = `#/order/${order.id}`;
  } finally {
    button.disabled = false;
  }
}

async function refused(form, refusal) {
  const told = form.querySelector(".wrong");
  for (const error of refusal.errors ?? []) {
    const field = [...form.elements].find((one) => one.dataset.at?.split(" ").includes(error.pointer.replace("#/", "")));
    if (!field || field.getAttribute("aria-invalid")) continue;
    field.setAttribute("aria-invalid", "true");
    field.before(made("em", field.value ? error.detail : "is needed"));
  }
  const words = {
    insufficient_stock: () => `Somebody was faster: ${(refusal.lines ?? []).map((line) => (line.available ? `only ${line.available} left of ${line.sku}` : `${line.sku} is sold out`)).join(", ")}. Your cart shows what is left.`,
    price_changed: () => "The price has changed since you saw it. Look at the new total, and send the form again if it suits you.",
    validation_failed: () => "Some of this cannot be right; see the fields.",
  };
  told.textContent = words[refusal.code]?.() ?? refusal.message;
  told.hidden = false;
  if (refusal.code === "insufficient_stock") told.append(" ", made("a", "To the cart", { href: "#/cart" }));
  if (refusal.code === "price_changed") await checkoutAgain(form);
  (form.querySelector("[aria-invalid]") ?? form.querySelector("button")).focus();
}

/** Show the new total beside the form, which stays as it was filled in. */
async function checkoutAgain(form) {
  const found = await ask("GET", "/cart", busy);
  sums(main.querySelector('[data-slot="sums"]'), found);
  const again = form.cloneNode(true);
  for (const field of again.querySelectorAll("select")) field.value = form.elements[field.name].value;
  again.addEventListener("submit", (event) => {
    event.preventDefault();
    buy(again, found).catch((refusal) => refused(again, refusal));
  });
  form.replaceWith(again);
}

function clear(form) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const told of form.querySelectorAll("label em")) told.remove();
  form.querySelector(".wrong").hidden = true;
}

const WORDS = {
  pending: ["Yours, once it is paid", ""],
  confirmed: ["Thank you. It is yours.", "We have your payment, and pack it with care. Your mail tells the same."],
  processing: ["It is being packed", "We tell you when it leaves."],
  shipped: ["It is on its way", ""],
  delivered: ["It has arrived", "Wear it in joy."],
  expired: ["The time to pay is over", "The pieces are on sale again. What you may have paid since comes back to you."],
  cancelled: ["The order was cancelled", "What you paid comes back to you."],
};

async function order(id) {
  const found = await ask("GET", `/orders/${id}`, busy);
  const part = fresh("order");
  part.slot("number").textContent = found.number;
  part.slot("pieces").append(...found.lines.map((line) => made("li", `${line.quantity} × ${line.name}`)));
  sums(part.slot("sums"), found);
  part.slot("way").append(...STEPS.map(([, name]) => made("li", name)));
  const form = part.getElementById("pay");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    pay(form, id).catch((refusal) => refused(form, refusal));
  });
  show(part, found.number);
  await follow(id);
}

async function pay(form, id) {
  const { method, outcome } = Object.fromEntries(new FormData(form));
  const button = form.querySelector("button");
  clear(form);
  Object.assign(button, { disabled: true, textContent: "Paying …" });
  try {
    const opened = await ask("POST", `/orders/${id}/payments`, busy);
    const paid = await payAtSandbox(opened.razorpay_order_id, method, outcome);
    if (outcome === "failed") throw new Error("The bank has refused the payment. Nothing was taken; the pieces are still yours, so try again or pay another way.");
    await ask("POST", "/payments/verify", { body: { razorpay_order_id: paid.razorpay_order_id, razorpay_payment_id: paid.razorpay_payment_id, razorpay_signature: paid.razorpay_signature }, ...busy });
    say("Your payment is being confirmed …");
  } finally {
    Object.assign(button, { disabled: false, textContent: "Pay" });
  }
}

async function follow(id) {
  const slot = (name) => main.querySelector(`[data-slot="${name}"]`);
  const [clock, title] = [slot("clock"), slot("title")];
  let ends = 0;
  const look = async () => {
    const status = await ask("GET", `/orders/${id}/payment-status`, busy);
    if (!clock.isConnected) return;
    const name = status.order_status;
    const [head, words] = WORDS[name] ?? [name, ""];
    if (title.textContent !== head) {
      title.textContent = head;
      if (name !== "pending") { say(""); ask("GET", "/cart", busy).then(count).catch(() => {}); }
      slot("words").textContent = name === "shipped" ? await parcel(id) : words;
      const at = STEPS.findIndex(([step]) => step === name);
      [...slot("way").children].forEach((step, i) => step.classList.toggle("done", i <= at));
      slot("pay").hidden = name !== "pending";
    }
    ends = Date.now() + (status.seconds_left ?? 0) * 1000;
    if (!["delivered", "expired", "cancelled"].includes(name)) timers.push(setTimeout(look, POLL_MS));
  };
  const tick = () => {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    clock.parentElement.classList.toggle("late", seconds < 120);
  };
  await look();
  tick();
  timers.push(setInterval(tick, 1000));
}

async function parcel(id) {
  const { courier, tracking_number: number } = await ask("GET", `/orders/${id}`, busy);
  return [courier && `With ${courier}`, number && `parcel ${number}`].filter(Boolean).join(", ");
}

const VIEWS = [[/^#\/p\/([a-z0-9-]+)$/, piece], [/^#\/c\/([a-z0-9-]+)$/, list], [/^#\/cart$/, cart], [/^#\/checkout$/, checkout], [/^#\/order\/([0-9a-f-]+)$/, order], [/^/, () => list()]];

async function route(event) {
  for (const timer of timers) { clearTimeout(timer); clearInterval(timer); }
  timers = [];
  if (event) say("");
  for (const link of document.querySelectorAll("#categories a")) {
    if (link.hash === location.hash) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  const [words, view] = VIEWS.find(([pattern]) => pattern.test(location.hash));
  try {
    await view(location.hash.match(words)[1]);
    if (event) { main.focus({ preventScroll: true }); scrollTo(0, 0); }
  } catch (refusal) {
    empty("That did not work", refusal.message);
  }
}

async function open() {
  const { items } = await ask("GET", "/categories", busy);
  document.getElementById("categories").append(...items.map(({ slug, name }) => {
    const item = document.createElement("li");
    item.append(made("a", name, { href: `#/c/${slug}` }));
    return item;
  }));
  await route();
  if (signedIn()) count(await ask("GET", "/cart", busy));
}

addEventListener("hashchange", route);
open().catch((refusal) => empty("The shop does not answer", refusal.message));
