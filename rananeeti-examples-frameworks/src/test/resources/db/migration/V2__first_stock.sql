INSERT INTO stock (item, quantity) VALUES ('tea', 100000), ('cup', 100000);
