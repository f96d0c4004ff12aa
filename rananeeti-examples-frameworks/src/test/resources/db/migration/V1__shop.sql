CREATE TABLE stock (
  item text PRIMARY KEY,
  quantity int NOT NULL
);

CREATE TABLE purchase_order (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  customer text NOT NULL,
  status text NOT NULL
);

CREATE SEQUENCE order_line_seq INCREMENT BY 50;

CREATE TABLE order_line (
  id bigint PRIMARY KEY,
  purchase_order_id uuid NOT NULL REFERENCES purchase_order,
  item text NOT NULL,
  quantity int NOT NULL CHECK (quantity > 0)
);
