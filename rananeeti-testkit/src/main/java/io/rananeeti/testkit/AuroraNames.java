package io.rananeeti.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * The host names of a cluster, as Amazon forms them.
 *
 * @param cluster the cluster's name, also that of the global cluster
 * @param domain the account's part of every name; Amazon draws it at random
 */
record AuroraNames(String cluster, String domain) {

  static AuroraNames of(String cluster) {
    return new AuroraNames(cluster, cluster.equals("app") ? "xyz" : cluster);
  }

  private String suffix(List<String> regions, String region) {
    return domain + (regions.indexOf(region) + 1) + "." + region + ".rds.amazonaws.com";
  }

  String instance(List<String> regions, String region, String id) {
    return id + "." + suffix(regions, region);
  }

  String writer(List<String> regions, String region) {
    return cluster + ".cluster-" + suffix(regions, region);
  }

  String reader(List<String> regions, String region) {
    return cluster + ".cluster-ro-" + suffix(regions, region);
  }

  /** Returns all names but those of instances. */
  List<String> endpoints(List<String> regions) {
    List<String> endpoints = new ArrayList<>(List.of(global()));
    for (String region : regions) {
      endpoints.add(writer(regions, region));
      endpoints.add(reader(regions, region));
    }
    return endpoints;
  }

  String global() {
    return cluster + ".global-" + domain + "1.global.rds.amazonaws.com";
  }
}
