package io.rananeeti.examples.frameworks.matrix;

import java.util.UUID;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Options;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;

/** What MyBatis maps. */
public interface OrderMapper {

  // tag::mybatis-insert
  @Insert("INSERT INTO mybatis_orders (note) VALUES (#{note})")
  @Options(useGeneratedKeys = true, keyProperty = "id", keyColumn = "id")
  void insert(MyBatisOrder order);

  // end::mybatis-insert

  @Insert("INSERT INTO mybatis_orders (note) VALUES (#{note})")
  void insertNote(@Param("note") String note);

  @Insert("INSERT INTO mybatis_parcels (id, note) VALUES (#{id}, #{note})")
  void insertParcel(@Param("id") UUID id, @Param("note") String note);

  @Update("UPDATE mybatis_orders SET quantity = quantity + 1 WHERE note = #{note}")
  int reserve(@Param("note") String note);

  @Select("SELECT id, note, quantity, version FROM mybatis_orders WHERE note = #{note}")
  MyBatisOrder find(@Param("note") String note);

  // tag::mybatis-versioned
  @Update(
      "UPDATE mybatis_orders SET quantity = #{quantity}, version = version + 1"
          + " WHERE id = #{id} AND version = #{version}")
  int update(MyBatisOrder order);

  // end::mybatis-versioned

  @Select("SELECT count(*) FROM mybatis_orders WHERE note = #{note}")
  long count(@Param("note") String note);
}
