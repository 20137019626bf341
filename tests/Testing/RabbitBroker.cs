using System.Diagnostics;

namespace A2A.Micro.Testing;

/// <summary>
/// A class fixture: a virtual host of its own on the broker of the test run, deleted afterwards. When the run was given a broker but
/// no control command (see <see cref="TestServers.RabbitMqControl"/>), the virtual host of the address is used as it is; only one
/// test run at a time may then use that broker.
/// </summary>
public sealed class RabbitBroker : IAsyncLifetime
{
    private bool ownsVirtualHost;

    /// <summary>Name or address of the broker.</summary>
    public string Host { get; private set; } = "";

    /// <summary>AMQP port.</summary>
    public int Port { get; private set; }

    /// <summary>Who connects.</summary>
    public string User { get; private set; } = "";

    /// <summary>The user's password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>The virtual host that belongs to this fixture.</summary>
    public string VirtualHost { get; private set; } = "";

    /// <summary>All of the above as one address.</summary>
    public Uri Address => new(
        $"amqp://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}"
        + $"@{Host}:{Port}/{Uri.EscapeDataString(VirtualHost)}");

    /// <summary>All of the above as the environment variables of a service.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["RabbitMq__Host"] = Host,
        ["RabbitMq__Port"] = Port.ToString(),
        ["RabbitMq__User"] = User,
        ["RabbitMq__Password"] = Password,
        ["RabbitMq__VirtualHost"] = VirtualHost,
    };

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        var given = new Uri(TestServers.Require(TestServers.RabbitMq));
        var login = given.UserInfo.Split(':', 2);
        (Host, Port) = (given.Host, given.Port > 0 ? given.Port : 5672);
        User = Uri.UnescapeDataString(login[0]);
        Password = Uri.UnescapeDataString(login.ElementAtOrDefault(1) ?? "");
        VirtualHost = given.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(given.AbsolutePath[1..]) : "/";
        if (Environment.GetEnvironmentVariable(TestServers.RabbitMqControl) is not { Length: > 0 })
        {
            return;
        }

        VirtualHost = TestServers.FreshName("a2a-test-");
        await Control("add_vhost", VirtualHost);
        ownsVirtualHost = true;
        await Control("set_permissions", "-p", VirtualHost, User, ".*", ".*", ".*");
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (ownsVirtualHost)
        {
            await Control("delete_vhost", VirtualHost);
        }
    }

    /// <summary>Runs one command of <c>rabbitmqctl</c> on the broker of the test run and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">The run has no control command, or the command failed; the text says how.</exception>
    public static async Task<string> Control(params string[] arguments)
    {
        var start = new ProcessStartInfo(TestServers.Require(TestServers.RabbitMqControl), ["-q", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"rabbitmqctl {string.Join(' ', arguments)} failed: {await error}{await output}");
    }
}
