using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace A2A.Micro.Testing;

/// <summary>A TCP port of the loopback interface that nobody listens on at the moment of asking.</summary>
public static class FreePort
{
    /// <summary>
    /// A port below the range from which the kernel hands out ports (<c>ip_local_port_range</c>, 32768 and more): no connection takes it for its own
    /// end, not even one that looks for who listens there, while a <see cref="TcpWay"/> is cut or before a child process listens. Another process may
    /// still choose the same; a child that finds its port taken ends at once, and <see cref="RunningProcess"/> shows its last words.
    /// </summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 32_768);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody is there.
            }
        }
    }
}
