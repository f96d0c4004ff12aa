package io.rananeeti.aurora;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.jdbc.util.RdsUtils;

/**
 * What a host is, as far as the names that Amazon gives to RDS and Aurora tell. The AWS wrapper
 * reads them, so that both see the same.
 */
record AmazonHost(String name, Kind kind) {

  /** Kinds of endpoints. */
  enum Kind {
    /** The writer of a cluster. */
    CLUSTER,
    /** The writer of a Global Database. */
    GLOBAL,
    /** Any reader of a cluster. */
    READER,
    /** Chosen instances of a cluster. */
    CUSTOM,
    /** One server: an instance, a proxy, a shard group. */
    SERVER,
    /** None of Amazon's. */
    OTHER
  }

  private static final Pattern AMAZON =
      Pattern.compile(
          ".+\\.(rds|rds-fips)(\\.[a-z0-9-]+)?\\.amazonaws\\.(com|com\\.cn|eu|au|uk)\\.?");

  private static final RdsUtils NAMES = new RdsUtils();

  static AmazonHost of(String name) {
    return new AmazonHost(name, kindOf(name));
  }

  private static Kind kindOf(String name) {
    return switch (NAMES.identifyRdsType(name)) {
      case RDS_WRITER_CLUSTER -> Kind.CLUSTER;
      case RDS_GLOBAL_WRITER_CLUSTER -> Kind.GLOBAL;
      case RDS_READER_CLUSTER -> Kind.READER;
      case RDS_CUSTOM_CLUSTER -> Kind.CUSTOM;
      default -> isAmazon(name) ? Kind.SERVER : Kind.OTHER;
    };
  }

  /** Whether it is a host of RDS or Aurora. */
  static boolean isAmazon(String name) {
    return AMAZON.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }

  /** The region in its name, null if there is none. */
  @Nullable String region() {
    return NAMES.getRdsRegion(name);
  }

  /** The names of the instances beside it, with {@code ?} for what differs. */
  String instancePattern() {
    return NAMES.getRdsInstanceHostPattern(name);
  }
}
