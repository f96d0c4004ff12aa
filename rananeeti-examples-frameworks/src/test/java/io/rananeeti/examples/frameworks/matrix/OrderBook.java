package io.rananeeti.examples.frameworks.matrix;

import java.util.List;

/** What the shop does, in each framework's own way. Used by one thread at a time. */
public interface OrderBook {

  /** Inserts an order whose key the database, or the framework's default, makes. */
  long place(String note) throws Exception;

  /** Inserts a parcel whose key the application makes. */
  void send(String note) throws Exception;

  /** Inserts orders in one batch. */
  void placeAll(List<String> notes) throws Exception;

  /** Adds one to the quantity of an order, in SQL. */
  void reserve(String note) throws Exception;

  /** Loads an order, to be amended later. */
  void load(String note) throws Exception;

  /** Adds one to the quantity of the loaded order, if nobody else has changed it meanwhile. */
  void amend() throws Exception;

  /** Inserts two orders in one transaction. */
  void placeBoth(String first, Runnable between, String second) throws Exception;

  /** Inserts an order in a transaction that has read before. */
  void countAndPlace(String note, Runnable between) throws Exception;

  /** Counts the orders of that note. */
  long count(String note) throws Exception;
}
