package io.rananeeti.examples.frameworks.matrix;

/** An order as MyBatis fills it. */
public final class MyBatisOrder {

  private long id;
  private String note = "";
  private int quantity;
  private int version;

  /** For MyBatis. */
  public MyBatisOrder() {}

  MyBatisOrder(String note) {
    this.note = note;
  }

  public long getId() {
    return id;
  }

  public void setId(long id) {
    this.id = id;
  }

  public String getNote() {
    return note;
  }

  public void setNote(String note) {
    this.note = note;
  }

  public int getQuantity() {
    return quantity;
  }

  public void setQuantity(int quantity) {
    this.quantity = quantity;
  }

  public int getVersion() {
    return version;
  }

  public void setVersion(int version) {
    this.version = version;
  }
}
