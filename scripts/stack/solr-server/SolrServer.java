import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Properties;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.DefaultServlet;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/**
 * Solr behind a Jetty on 127.0.0.1, as its own web.xml wires it: a listener that owns the cores and a filter that answers
 * everything below /solr. There are no admin pages.
 *
 * <p>{@code java -cp 'lib/*:classes' SolrServer HOME PORT}
 */
public final class SolrServer {
  private static final int LONGEST_REQUEST_LINE = 64 * 1024; // a search of CKAN's with many filters is one long address

  private SolrServer() {}

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    int port = Integer.parseInt(arguments[1]);
    Server server = new Server();
    server.addConnector(connector(server, port));
    server.setHandler(solr(home, port));
    server.setStopAtShutdown(true);
    server.setStopTimeout(15_000);
    server.start();
    server.join();
  }

  private static ServerConnector connector(Server server, int port) {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(LONGEST_REQUEST_LINE);
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    return connector;
  }

  private static ServletContextHandler solr(Path home, int port) {
    Properties node = new Properties();
    node.setProperty("host", "127.0.0.1");
    node.setProperty("hostPort", Integer.toString(port));
    node.setProperty("hostContext", "/solr");
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/solr");
    context.setResourceBase(home.resolve("empty").toString());
    context.setAttribute(SolrDispatchFilter.SOLRHOME_ATTRIBUTE, home.toString());
    context.setAttribute(SolrDispatchFilter.PROPERTIES_ATTRIBUTE, node);
    context.addEventListener(new CoreContainerProvider());
    context.addFilter(new FilterHolder(SolrDispatchFilter.class), "/*", EnumSet.of(DispatcherType.REQUEST));
    // what the filter lets pass is looked for in an empty folder: 404
    ServletHolder nothing = new ServletHolder(DefaultServlet.class);
    nothing.setInitParameter("dirAllowed", "false");
    context.addServlet(nothing, "/");
    return context;
  }
}
