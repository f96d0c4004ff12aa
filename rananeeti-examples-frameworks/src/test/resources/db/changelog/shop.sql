--liquibase formatted sql

--changeset shop:1
CREATE TABLE coupon (code text PRIMARY KEY, percent int NOT NULL);

--changeset shop:2
INSERT INTO coupon (code, percent) VALUES ('WELCOME', 10);
