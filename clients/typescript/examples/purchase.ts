/** Buys a piece: node purchase.js http://127.0.0.1:8000 http://127.0.0.1:8001 SKU */

import { answered, newKey, openShop } from "ora-client";

declare const process: { argv: string[] };

const [, , home = "", sandbox = "", sku = ""] = process.argv;
let token: string | undefined;
const shop = openShop(home, { token: () => token });

const account = answered(
  await shop.POST("/api/v1/auth/register", {
    body: { email: `${newKey()}@example.com`, password: "a long sentence", name: "Meera Iyer" },
  }),
);
token = account.access_token;

const price = answered(
  await shop.POST("/api/v1/checkout/quote", { body: { lines: [{ sku, quantity: 1 }] } }),
);
const order = answered(
  await shop.POST("/api/v1/checkout", {
    params: { header: { "Idempotency-Key": newKey() } },
    body: {
      lines: [{ sku, quantity: 1 }],
      expected_total: price.total,
      shipping_address: {
        name: "Meera Iyer",
        phone: "+919876543210",
        line1: "14 Temple Street",
        city: "Chennai",
        state: "Tamil Nadu",
        pincode: "600004",
      },
    },
  }),
);

const path = { order_id: order.id };
const opened = answered(await shop.POST("/api/v1/orders/{order_id}/payments", { params: { path } }));
// What Razorpay's checkout does in the buyer's browser.
const paid = await fetch(`${sandbox}/sandbox/pay`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ order_id: opened.razorpay_order_id, method: "upi", outcome: "captured" }),
});
const proof = await paid.json();
answered(
  await shop.POST("/api/v1/payments/verify", {
    body: {
      razorpay_order_id: proof.razorpay_order_id,
      razorpay_payment_id: proof.razorpay_payment_id,
      razorpay_signature: proof.razorpay_signature,
    },
  }),
);

const status = answered(
  await shop.GET("/api/v1/orders/{order_id}/payment-status", { params: { path } }),
);
console.log(JSON.stringify({ order: order.id, total: order.total.amount, ...status }));
