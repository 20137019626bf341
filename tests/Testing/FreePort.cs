using System.Net;
using System.Net.Sockets;

namespace A2A.Micro.Testing;

/// <summary>A TCP port of the loopback interface that nobody listens on at the moment of asking.</summary>
public static class FreePort
{
    /// <summary>
    /// Asks the kernel for a port. Another process may take it before the caller does; a child process that finds its port taken ends
    /// at once, and <see cref="RunningProcess"/> shows its last words.
    /// </summary>
    public static int Next()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
