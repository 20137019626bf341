using System.ComponentModel.DataAnnotations;
using System.Globalization;
using A2A.Micro.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.ServiceDefaults;

/// <summary>What is looked at before anything starts. Every refusal is one sentence that names what to set.</summary>
public static class StartChecks
{
    /// <summary>Throws at the first thing that is wrong; each check is pure.</summary>
    /// <exception cref="StartupRefusedException">The sentence for the operator.</exception>
    public static void Run(
        HostSetup setup, MicroHostOptions host, MessagingOptions messaging, IHostEnvironment environment, bool keepsFacts)
    {
        Validate(host, MicroHostOptions.Section);
        OpenHosts.Check(setup, environment);
        if (AreFailpointsArmed() && environment.IsProduction())
        {
            throw new StartupRefusedException($"{Failpoints.Variable} is set: a process that is made to crash does not start in Production.");
        }

        if (setup.Transport == TransportKind.RabbitMq)
        {
            Validate(messaging, MessagingOptions.Section);
            CheckBroker(messaging, environment.IsProduction() && !host.AllowInsecure);
        }

        if (keepsFacts && setup.Stores == StoreKind.Postgres
            && string.IsNullOrWhiteSpace(setup.Configuration.GetConnectionString("Postgres")))
        {
            throw new StartupRefusedException(
                "ConnectionStrings__Postgres is not set: give the connection string of the PostgreSQL database, such as " +
                "'Host=postgres;Database=a2a;Username=a2a;Password=...'.");
        }
    }

    /// <summary>The word of <c>A2A__Transport</c> or <c>A2A__Stores</c>, or what the program chose when it is not set.</summary>
    /// <exception cref="StartupRefusedException">The word is neither.</exception>
    public static T Choose<T>(string variable, string? word, T chosen, params (string Word, T Value)[] words)
    {
        if (string.IsNullOrWhiteSpace(word)) { return chosen; }
        foreach (var (known, value) in words)
        {
            if (string.Equals(known, word.Trim(), StringComparison.OrdinalIgnoreCase)) { return value; }
        }

        throw new StartupRefusedException(
            $"{variable} is '{word}': it must be {string.Join(" or ", words.Select(pair => pair.Word))}.");
    }

    /// <summary>Binds a section; a value of the wrong type is a refusal and not a stack trace.</summary>
    /// <exception cref="StartupRefusedException">A value cannot be read.</exception>
    public static T Bind<T>(IConfiguration configuration, string section) where T : class, new()
    {
        var options = new T();
        foreach (var property in typeof(T).GetProperties().Where(property => property.CanWrite))
        {
            var key = section + ":" + property.Name;
            if (configuration[key] is not { } text) { continue; }
            property.SetValue(options, Read(property.PropertyType, text) ?? throw new StartupRefusedException(
                $"{Variable(section, property.Name)} is '{Shown(property.Name, text)}': it must be {Expected(property.PropertyType)}."));
        }

        return options;
    }

    private static bool AreFailpointsArmed()
    {
        try
        {
            return Failpoints.AreArmed;
        }
        catch (TypeInitializationException e) when (e.InnerException is FormatException misspelt)
        {
            throw new StartupRefusedException(misspelt.Message);
        }
    }

    private static void CheckBroker(MessagingOptions messaging, bool strict)
    {
        if (messaging.Hosts().Count == 0)
        {
            throw new StartupRefusedException(
                "RabbitMq__Host is not set: give the host name of the RabbitMQ broker, or several separated by commas.");
        }

        if (strict && messaging.Password == "guest" && !messaging.Hosts().All(IsLoopback))
        {
            throw new StartupRefusedException(
                "RabbitMq__Password is the broker's default password: set RabbitMq__User and RabbitMq__Password, " +
                "or A2A__AllowInsecure=true for a trial.");
        }
    }

    /// <summary>Judges options by their attributes.</summary>
    /// <exception cref="StartupRefusedException">A value is not allowed.</exception>
    public static void Validate(object options, string section)
    {
        List<ValidationResult> wrong = [];
        if (Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true)) { return; }
        var member = wrong[0].MemberNames.FirstOrDefault() ?? "";
        throw new StartupRefusedException($"{Variable(section, member)} is not valid: {wrong[0].ErrorMessage}");
    }

    private static object? Read(Type type, string text) => Type.GetTypeCode(type) switch
    {
        TypeCode.String => text,
        TypeCode.Boolean => bool.TryParse(text, out var value) ? value : null,
        TypeCode.Int32 => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null,
        TypeCode.Int64 => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null,
        _ => null,
    };

    private static string Expected(Type type) => type == typeof(bool) ? "true or false" : "a whole number";

    private static string Shown(string name, string text) =>
        name.Contains("Password", StringComparison.OrdinalIgnoreCase) ? "..." : text;

    private static string Variable(string section, string name) => section + "__" + name;

    private static bool IsLoopback(string host) =>
        host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
