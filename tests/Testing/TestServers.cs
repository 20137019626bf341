using System.Security.Cryptography;

namespace A2A.Micro.Testing;

/// <summary>
/// The servers that a test run was given. A test that needs one and finds none fails with a sentence and is never skipped: a suite
/// that turns green because a server was missing has tested nothing.
/// </summary>
public static class TestServers
{
    /// <summary><c>amqp://user:password@host:port/vhost</c>.</summary>
    public const string RabbitMq = "A2A_TEST_RABBITMQ";

    /// <summary>A command that speaks to the node behind <see cref="RabbitMq"/> as <c>rabbitmqctl</c> does; optional.</summary>
    public const string RabbitMqControl = "A2A_TEST_RABBITMQCTL";

    /// <summary>An Npgsql connection string of a role that may create databases.</summary>
    public const string Postgres = "A2A_TEST_POSTGRES";

    /// <summary>The value of one of the variables above.</summary>
    /// <exception cref="InvalidOperationException">It is not set.</exception>
    public static string Require(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"{variable} is not set. Run ./test.sh, which starts the servers that this test needs, "
                + "or ./test.sh --servers and paste the lines that it prints.");

    /// <summary>A name that no other test run uses on the same server.</summary>
    internal static string FreshName(string prefix) => prefix + RandomNumberGenerator.GetHexString(12, lowercase: true);
}
