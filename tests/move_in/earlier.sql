-- An earlier system's database, as ops/move_in.toml assumes it.
CREATE TABLE "Category" ("id" serial PRIMARY KEY, "slug" text);
CREATE TABLE "Product" ("id" serial PRIMARY KEY, "sku" text, "slug" text, "name" text, "description" text,
    "metal" text, "purity" text, "grossWeightMg" int, "netWeightMg" int, "price" int, "isActive" boolean,
    "stock" int, "categoryId" int);
CREATE TABLE "User" ("id" serial PRIMARY KEY, "email" text, "name" text, "phone" text, "password" text);
CREATE TABLE "Address" ("id" serial PRIMARY KEY, "userId" int, "name" text, "phone" text, "line1" text,
    "line2" text, "city" text, "state" text, "pincode" text);
CREATE TABLE "Order" ("id" serial PRIMARY KEY, "orderNumber" text, "status" text);
CREATE TABLE "Payment" ("id" serial PRIMARY KEY, "razorpayPaymentId" text, "amount" int, "status" text,
    "orderId" int);
INSERT INTO "Category" ("slug") VALUES ('rings'), ('crowns');
INSERT INTO "Product" ("sku", "slug", "name", "description", "metal", "purity", "grossWeightMg", "netWeightMg",
    "price", "isActive", "stock", "categoryId") VALUES
    ('OLD-1', 'old-one', 'Old ring', 'A ring', 'gold', '22K', 4000, 3900, 309000, true, 7, 1),
    ('OLD-2', 'old-two', 'Sold too often', 'A ring', 'gold', '22K', 4000, 3900, 309000, true, -1, 1),
    ('OLD-3', 'old-three', 'A crown', 'A crown', 'gold', '22K', 4000, 3900, 309000, true, 1, 2);
INSERT INTO "User" ("email", "name", "phone", "password") VALUES
    ('Meera@Example.com', 'Meera Iyer', '98765 43210', '$2b$10$of-the-earlier-system'),
    ('meera@example.com', 'Meera again', NULL, 'x'), ('no address', 'Nobody', NULL, 'x');
INSERT INTO "Address" ("userId", "name", "phone", "line1", "city", "state", "pincode") VALUES
    (1, 'Meera Iyer', '9876543210', '14 Temple Street', 'Chennai', 'Tamil Nadu', '600004'),
    (1, 'Meera Iyer', '9876543210', '15 Temple Street', 'Chennai', 'Tamil Nadu', '4');
INSERT INTO "Order" ("orderNumber", "status") VALUES ('A-1', 'DELIVERED'), ('A-2', 'CONFIRMED'), ('A-3', 'EXPIRED');
INSERT INTO "Payment" ("razorpayPaymentId", "amount", "status", "orderId") VALUES
    ('pay_1', 309000, 'CAPTURED', 1), ('pay_3', 309000, 'CAPTURED', 3);
