using System.Net;
using System.Net.Sockets;

namespace A2A.Micro.Gateway.Tests;

/// <summary>A TCP relay between the Gateway and a server, to cut or to freeze.</summary>
internal sealed class Lifeline : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _accepting;
    private readonly (string Host, int Port) _server;
    private volatile TaskCompletionSource _thawed = new();
    private volatile bool _cut;

    public Lifeline(string host, int port)
    {
        _server = (host, port);
        _thawed.SetResult();
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection ends, and every new one at once.</summary>
    public void Cut()
    {
        _cut = true;
        lock (_open)
        {
            foreach (var client in _open) { client.Close(); }
            _open.Clear();
        }
    }

    public void Mend() => _cut = false;

    /// <summary>Nothing gets through any more, but nobody is told.</summary>
    public void Freeze() => _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _thawed.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Thaw();
        Cut();
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task Accept()
    {
        var relays = new List<Task>();
        try
        {
            while (true) { relays.Add(Relay(await _listener.AcceptTcpClientAsync(_stop.Token))); }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task Relay(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            try
            {
                if (_cut) { return; }
                await far.ConnectAsync(_server.Host, _server.Port, _stop.Token);
                lock (_open) { _open.AddRange([near, far]); }
                await Task.WhenAny(Copy(near, far), Copy(far, near));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // cut, as wished
            }
        }
    }

    private async Task Copy(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
            {
                await _thawed.Task.WaitAsync(_stop.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException
            or InvalidOperationException)
        {
            // cut, as wished
        }
    }
}
