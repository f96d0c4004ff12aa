package io.rananeeti.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * A certificate for the names of a cluster, its own root, made once by the JDK's keytool and kept
 * in the cache, where only the owner can read its key.
 */
record AuroraCertificate(Path directory) {

  private static final String UNFINISHED = ".unfinished";
  private static final String STORE = "server.p12";
  private static final String ALIAS = "aurora";

  /** Of a key store that is deleted once its content is written out. */
  private static final String PASSWORD = "changeit";

  static AuroraCertificate forNames(List<String> names, Path cache) {
    Path place = cache.toAbsolutePath().resolve("aurora-tls-" + fingerprint(names));
    try {
      if (!Files.isDirectory(place)) {
        FileGuard.holding(cache.resolve("aurora.lock"), () -> makeOnce(names, place));
      }
    } catch (IOException e) {
      throw new TestkitException("cannot make a certificate in " + place + ": " + e, e);
    }
    return new AuroraCertificate(place);
  }

  private static String fingerprint(List<String> names) {
    CRC32 crc = new CRC32();
    crc.update(String.join(",", names).getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(crc.getValue());
  }

  private static void makeOnce(List<String> names, Path place) throws IOException {
    if (Files.isDirectory(place)) {
      return;
    }
    Path draft = place.resolveSibling(place.getFileName() + UNFINISHED);
    PrivateDirectory.delete(draft);
    PrivateDirectory.ensure(draft);
    generate(names, draft.resolve(STORE));
    writeOut(draft);
    Files.delete(draft.resolve(STORE));
    Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void generate(List<String> names, Path store) {
    String alternatives = names.stream().map("dns:"::concat).collect(Collectors.joining(","));
    Command keytool =
        Command.run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=AuroraEmulator",
                "-validity",
                "36500",
                "-ext",
                "san=" + alternatives,
                "-ext",
                "bc:c=ca:true",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
    if (keytool.status() != 0) {
      throw new TestkitException("keytool makes no certificate: " + keytool.output());
    }
  }

  private static void writeOut(Path draft) throws IOException {
    try (InputStream in = Files.newInputStream(draft.resolve(STORE))) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      Key key = store.getKey(ALIAS, PASSWORD.toCharArray());
      PrivateDirectory.writeSecret(
          draft.resolve("server.key"), pem("PRIVATE KEY", key.getEncoded()));
      Files.writeString(
          draft.resolve("server.crt"),
          pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static String pem(String what, byte[] content) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, base64);
  }

  Path certificate() {
    return directory.resolve("server.crt");
  }

  Path key() {
    return directory.resolve("server.key");
  }
}
