using System.Net;
using System.Net.Sockets;

namespace A2A.Micro.Testing;

/// <summary>A way to a server that can be cut: existing connections break at once, new ones are refused.</summary>
public sealed class TcpWay : IAsyncDisposable
{
    private readonly string host;
    private readonly int target;
    private readonly Lock gate = new();
    private readonly HashSet<Socket> open = [];
    private TcpListener? listener;
    private Task accepting = Task.CompletedTask;

    public TcpWay(string host, int port)
    {
        (this.host, target) = (host, port);
        Port = FreePort.Next();
        Mend();
    }

    /// <summary>Where to connect instead.</summary>
    public int Port { get; }

    /// <summary>Nothing comes through any more.</summary>
    public void Cut()
    {
        lock (gate)
        {
            listener?.Stop();
            listener = null;
            foreach (var socket in open) { socket.Dispose(); }
            open.Clear();
        }
    }

    /// <summary>New connections come through again.</summary>
    public void Mend()
    {
        lock (gate)
        {
            listener = new TcpListener(IPAddress.Loopback, Port);
            listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Start();
            accepting = Accept(listener);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await accepting;
    }

    private async Task Accept(TcpListener from)
    {
        try
        {
            while (true)
            {
                var near = await from.AcceptSocketAsync();
                _ = Join(near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task Join(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await far.ConnectAsync(host, target);
            if (!Remember(near, far)) { return; }
            _ = await Task.WhenAny(Pump(near, far), Pump(far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side has gone; so does the other.
        }
        finally
        {
            lock (gate) { _ = (open.Remove(near), open.Remove(far)); }
            near.Dispose();
        }
    }

    private bool Remember(Socket near, Socket far)
    {
        lock (gate)
        {
            return listener is not null && open.Add(near) && open.Add(far);
        }
    }

    private static async Task Pump(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                for (var sent = 0; sent < read;) { sent += await to.SendAsync(buffer.AsMemory(sent, read - sent)); }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The same as an orderly end: the pair is given up.
        }
    }
}
