package io.rananeeti.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * All classes of the product, the test kit and its tests once more, with a planted fault in one of
 * them, or as they are. Nothing static is shared with the classes that the test itself sees.
 *
 * <p>The fault is compiled from the source file that lies in the repository, so a fault whose text
 * is not in the code any more is an error.
 */
final class PlantedCode extends ClassLoader {

  private static final String OURS = "io.rananeeti.";
  private static final List<String> MODULES = List.of("rananeeti-core", "rananeeti-testkit");

  private final Map<String, byte[]> changed;

  private PlantedCode(Map<String, byte[]> changed) {
    super(PlantedCode.class.getClassLoader());
    this.changed = changed;
  }

  /** The code as it is. */
  static PlantedCode intact() {
    return new PlantedCode(Map.of());
  }

  /**
   * The code with this fault in it.
   *
   * @throws IllegalStateException if its text is not in the source exactly once, or its replacement
   *     does not compile
   */
  static PlantedCode with(PlantedFault fault) {
    return new PlantedCode(compile("io/rananeeti/" + fault.source(), changed(fault)));
  }

  /** The text of the source file with the fault in it. */
  static String changed(PlantedFault fault) {
    String source = source(fault.source());
    int at = source.indexOf(fault.text());
    if (at < 0 || source.indexOf(fault.text(), at + 1) >= 0) {
      throw new IllegalStateException(
          "%s: its text must stand exactly once in %s, and stands there %s: bring the fault up to the code"
              .formatted(fault, fault.source(), at < 0 ? "never" : "often"));
    }
    return source.substring(0, at)
        + fault.replacement()
        + source.substring(at + fault.text().length());
  }

  private static String source(String of) {
    Path here = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    for (String module : MODULES) {
      Path path = here.resolveSibling(module).resolve("src/main/java/io/rananeeti/" + of + ".java");
      if (Files.exists(path)) {
        return read(path);
      }
    }
    throw new IllegalStateException("no source of " + of + " beside " + here);
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> compile(String name, String source) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("these tests need a JDK");
    }
    Map<String, byte[]> classes = new HashMap<>();
    StringWriter told = new StringWriter();
    JavaFileManager files = new Kept(compiler.getStandardFileManager(null, null, null), classes);
    List<String> options =
        List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"));
    boolean compiles =
        compiler
            .getTask(told, files, null, options, null, List.of(new Source(name, source)))
            .call();
    if (!compiles) {
      throw new IllegalStateException(name + " does not compile with the fault in it: " + told);
    }
    return classes;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = changed.get(name);
    if (bytes == null) {
      bytes = intact(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] intact(String name) throws ClassNotFoundException {
    try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Keeps what is compiled in memory. */
  private static final class Kept extends ForwardingJavaFileManager<JavaFileManager> {

    private final Map<String, byte[]> classes;

    Kept(JavaFileManager files, Map<String, byte[]> classes) {
      super(files);
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
        @Override
        public OutputStream openOutputStream() {
          return new ByteArrayOutputStream() {
            @Override
            public void close() {
              classes.put(name, toByteArray());
            }
          };
        }
      };
    }
  }
}
