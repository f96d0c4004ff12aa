package io.rananeeti.examples.frameworks.matrix;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.hibernate.SessionFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.transaction.annotation.Transactional;

/** Spring Data JPA on Hibernate. */
class JpaOrders implements OrderBook {

  private final JpaOrderRepository orders;
  private final JpaParcelRepository parcels;
  private final JpaInvoiceRepository invoices;
  private final JpaTicketRepository tickets;
  private final EntityManagerFactory factory;
  private @Nullable EntityManager conversation;
  private @Nullable JpaOrder loaded;
  private final Map<String, JpaOrder> seen = new HashMap<>();

  JpaOrders(
      JpaOrderRepository orders,
      JpaParcelRepository parcels,
      JpaInvoiceRepository invoices,
      JpaTicketRepository tickets,
      EntityManagerFactory factory) {
    this.orders = orders;
    this.parcels = parcels;
    this.invoices = invoices;
    this.tickets = tickets;
    this.factory = factory;
  }

  // tag::jpa-insert
  @Override
  @Transactional
  public long place(String note) {
    return Objects.requireNonNull(orders.save(new JpaOrder(note)).id());
  }

  // end::jpa-insert

  @Override
  @Transactional
  public void send(String note) {
    parcels.save(new JpaParcel(note));
  }

  /** Inserts one whose id is assigned. */
  @Transactional
  public void bill(String note) {
    invoices.save(new JpaInvoice(note));
  }

  /** Inserts one whose id is an identity column's. */
  @Transactional
  public void ticket(String note) {
    tickets.save(new JpaTicket(note));
  }

  @Override
  @Transactional
  public void placeAll(List<String> notes) {
    orders.saveAll(notes.stream().map(JpaOrder::new).toList());
  }

  @Override
  @Transactional
  public void reserve(String note) {
    expectOne(orders.reserve(note));
  }

  // tag::jpa-conversation
  @Override
  public void load(String note) {
    if (conversation != null) {
      conversation.close();
    }
    conversation = factory.createEntityManager(); // stays open while somebody works on the order
    loaded =
        conversation
            .createQuery("from JpaOrder where note = :note", JpaOrder.class)
            .setParameter("note", note)
            .getSingleResult();
  }

  @Override
  public void amend() {
    Objects.requireNonNull(conversation)
        .unwrap(org.hibernate.Session.class)
        .inTransaction(transaction -> Objects.requireNonNull(loaded).add());
    // update jpa_orders set note=?,quantity=?,version=? where id=? and version=?
  }

  // end::jpa-conversation

  /** Remembers an order outside of any session. */
  @Transactional(readOnly = true)
  public void see(String note) {
    seen.put(note, orders.findByNote(note));
  }

  // tag::jpa-stateless
  /** Changes an order that was loaded in another session, without reading it again. */
  public void amendSeen(String note) {
    JpaOrder order = Objects.requireNonNull(seen.get(note));
    factory
        .unwrap(SessionFactory.class)
        .inStatelessTransaction(
            session -> {
              order.add();
              session.update(order);
            });
  }

  // end::jpa-stateless

  // tag::jpa-save-loaded
  /** The usual way, which reads the order again before it changes it. */
  @Transactional
  public void saveSeen(String note) {
    JpaOrder order = Objects.requireNonNull(seen.get(note));
    order.add();
    seen.put(note, orders.save(order));
  }

  // end::jpa-save-loaded

  @Override
  @Transactional
  public void placeBoth(String first, Runnable between, String second) {
    orders.saveAndFlush(new JpaOrder(first));
    between.run();
    orders.saveAndFlush(new JpaOrder(second));
  }

  @Override
  @Transactional
  public void countAndPlace(String note, Runnable between) {
    orders.countByNote(note);
    between.run();
    orders.save(new JpaOrder(note));
  }

  @Override
  @Transactional(readOnly = true)
  public long count(String note) {
    return orders.countByNote(note);
  }

  private static void expectOne(int count) {
    if (count != 1) {
      throw new OptimisticLockingFailureException("rows=" + count);
    }
  }
}
