using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Looks a name up; replaced by tests.</summary>
/// <param name="host">The name.</param>
/// <param name="cancellation">Gives up.</param>
public delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellation);

/// <summary>
/// Makes one attempt. Every connection goes to an address that was looked up and checked for it, so a name that changes its mind between two
/// looks gains nothing; no proxy, no redirects, no cookies, and nothing of the answer is read but its head.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    private const string MediaType = "application/cloudevents+json";
    private const int ErrorLengthMax = 256;

    private readonly HttpClient _http;
    private readonly ResolveHost _resolve;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;

    /// <summary>A sender with connections of its own.</summary>
    public WebhookSender(ResolveHost resolve, IOptions<WebhookOptions> options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_resolve, _options, _clock) = (resolve, options.Value, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = Connect,
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            Credentials = null,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            MaxConnectionsPerServer = _options.AtOncePerWebhook,
            // A kept connection leads to an address that was checked; a name that moves is followed after this.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("A2A.Micro-Webhooks", "1.0"));
    }

    /// <summary>Sends a delivery and says how it went; never throws for what the receiver does.</summary>
    public async Task<Outcome> Send(WebhookRow webhook, DeliveryRow delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        ArgumentNullException.ThrowIfNull(delivery);
        var (at, begun) = (_clock.GetUtcNow(), _clock.GetTimestamp());
        // The options may have changed since it was made.
        if (AddressRules.Refuse(webhook.Url, _options) is { } refusal) { return new Outcome(at, null, "refused: " + refusal, 0); }
        using var limit = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var request = Request(webhook, delivery, at);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return new Outcome(at, (int)answer.StatusCode, answer.IsSuccessStatusCode ? null : Explain(answer.StatusCode), Took(begun), Pause(answer));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new Outcome(at, null, $"no answer within {_options.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s", Took(begun));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return new Outcome(at, null, Explain(e), Took(begun));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(WebhookRow webhook, DeliveryRow delivery, DateTimeOffset at)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body));
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaType) { CharSet = "utf-8" };
        return new HttpRequestMessage(HttpMethod.Post, webhook.Url)
        {
            Content = content,
            Headers =
            {
                { "webhook-id", delivery.EventId },
                { "webhook-timestamp", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) },
                { "webhook-signature", WebhookSecret.SignAll(webhook, delivery.EventId, at, delivery.Body) },
            },
        };
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var end = context.DnsEndPoint;
        var addresses = await _resolve(end.Host.Trim('[', ']'), cancellation).ConfigureAwait(false);
        // One that may not be called spoils the name: it would be a coin toss.
        if (addresses.Length == 0) { throw new HttpRequestException("the name has no address"); }
        if (!_options.AllowPrivate && !addresses.All(AddressRules.IsPublic)) { throw new ForbiddenAddressException(); }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, end.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private int Took(long begun) => (int)Math.Min(int.MaxValue, _clock.GetElapsedTime(begun).TotalMilliseconds);

    private TimeSpan? Pause(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } until } => until - _clock.GetUtcNow(),
        _ => null,
    };

    private static string Explain(HttpStatusCode status) =>
        (int)status is >= 300 and < 400 ? $"answered {(int)status}: redirects are not followed" : $"answered {(int)status}";

    // What comes from below may name addresses of the inside: only its kind is said.
    private static string Explain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            var known = e switch
            {
                ForbiddenAddressException => "refused: the name leads to an address that may not be called",
                SocketException socket => "no connection: " + socket.SocketErrorCode,
                System.Security.Authentication.AuthenticationException => "no secure connection: the certificate or the protocol is not acceptable",
                _ => null,
            };
            if (known is not null) { return known; }
        }

        var text = exception is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error }
            ? "no answer: " + error
            : "no answer: " + exception.Message;
        return text.Length <= ErrorLengthMax ? text : text[..ErrorLengthMax];
    }

    private sealed class ForbiddenAddressException : IOException
    {
        public ForbiddenAddressException()
            : base("the address may not be called")
        {
        }
    }
}
